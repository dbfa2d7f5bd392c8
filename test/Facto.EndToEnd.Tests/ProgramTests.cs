namespace Facto.EndToEnd.Tests;
