using Quilt.Cognition.Program;

return args switch
{
    ["run", .. var words] => await RunCommand.Run(words).ConfigureAwait(false),
    ["call"] => await CallCommand.Run().ConfigureAwait(false),
    [ParseCommand.Name, var cpuSeconds] => ParseCommand.Run(cpuSeconds),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        usage: quilt-cognition run --config FILE TASK    has an agent do a task; quilt agent run starts it
               quilt-cognition call                      reads one request {"tool","arguments","config"} and writes one answer {"result"} or {"error"}
        quiltd starts the second for the cognitive tools; see docs/cognition.md
        """);
    return 2;
}
