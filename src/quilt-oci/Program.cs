using Quilt.OciRuntime;

// A container's groups and files are open to its users whatever whoever started us takes away from its own.
Quilt.Linux.Sys.SetUmask(0x12);

// At once: nothing is buffered, and the runtime's own end takes longer.
Quilt.Linux.Sys.Exit(Invocation.Run(args));
