using Quilt.OciRuntime;

return Invocation.Run(args);
