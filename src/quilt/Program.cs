using Quilt.Cli;

return await CommandLineHost.RunAsync(args, StandardStreams.OfProcess());
