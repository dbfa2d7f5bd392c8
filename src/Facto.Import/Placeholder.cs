namespace Facto.Import;
