using Facto.Cli;

return await FactoProgram.RunAsync(args);
