using Quilt.Cognition.Program;

return args switch
{
    ["call"] => await CallCommand.Run().ConfigureAwait(false),
    [ParseCommand.Name, var cpuSeconds] => ParseCommand.Run(cpuSeconds),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: quilt-cognition call    reads one request {"tool","arguments","config"} and writes one answer {"result"} or {"error"}
        quiltd starts it for the cognitive tools; see docs/cognition.md
        """);
    return 2;
}
