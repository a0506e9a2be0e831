namespace Quilt.OciRuntime;

/// <summary>The options that <c>create</c> and <c>run</c> share.</summary>
internal static class CreateFlags
{
    internal static Option[] All =>
    [
        new("bundle", "FOLDER", "The bundle's folder (.)", "b"),
        new("pid-file", "FILE", "File for the pid"),
        new("console-socket", "SOCKET", "AF_UNIX socket that receives the terminal's master"),
        new("preserve-fds", "COUNT", "How many descriptors from 3 on are inherited (0)"),
        new("no-pivot", null, "For a root on the initial ramfs"),
        new("no-new-keyring", null, "Keep the session keyring"),
    ];

    internal static CreateOptions Read(Arguments arguments) => new(
        arguments.Value("bundle") ?? ".", arguments.Value("pid-file"), arguments.Value("console-socket"), arguments.Number<int>("preserve-fds") ?? 0,
        arguments.Flag("no-pivot"), arguments.Flag("no-new-keyring"));
}
