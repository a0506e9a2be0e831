// Runs a command in a container of its own and shows the output as it comes: dotnet run --project samples/ClientSample -- ls -l /
using Quilt.Client;
using Quilt.Core;

string[] command = args.Length > 0 ? args : ["sh", "-c", "echo hello from $(hostname); uname -sr"];
try
{
    await using QuiltClient quilt = new();
    await using QuiltContainer container = await quilt.RunContainerAsync(new ContainerOptions { MemoryBytes = 256 << 20, TimeToLive = TimeSpan.FromMinutes(5) });
    int exitCode = 0;
    await foreach (ExecOutput output in container.ExecStreamAsync(command))
    {
        switch (output)
        {
            case ExecOutput.Stdout piece:
                Console.Write(piece.Text);
                break;
            case ExecOutput.Stderr piece:
                Console.Error.Write(piece.Text);
                break;
            case ExecOutput.Exited end:
                exitCode = end.Result.ExitCode;
                break;
            default:
                break;
        }
    }

    return exitCode;
}
catch (QuiltException e)
{
    Console.Error.WriteLine($"{e.Message}\n  remedy: {e.Remedy}");
    return 125;
}
