namespace Facto.Server;
