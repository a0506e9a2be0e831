using Quilt.OciRuntime;

Quilt.Linux.Sys.UseUsualUmask();

// At once: nothing is buffered, and the runtime's own end takes longer.
Quilt.Linux.Sys.Exit(Invocation.Run(args));
