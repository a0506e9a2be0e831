// An agent that makes itself a development environment, by the tools of the Model Context Protocol alone: PostgreSQL, a web
// application with it, the one way between them, and a port for whoever works with it. run.sh is the whole story.
//   DevEnvironment up      makes it
//   DevEnvironment check   uses it again, from another connection, and restarts its parts
//   DevEnvironment down    clears it away
using Quilt.Examples;

return args switch
{
    ["up"] => await Steps.RunAsync(Up.RunAsync),
    ["check"] => await Steps.RunAsync(CheckAgain.RunAsync),
    ["down"] => await Steps.RunAsync(Down.RunAsync),
    _ => await Steps.RunAsync(() => throw new CheckFailedException($"'{string.Join(' ', args)}' is not up, check or down")),
};
