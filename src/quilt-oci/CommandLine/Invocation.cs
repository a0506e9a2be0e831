using System.Globalization;
using Quilt.Core;
using Quilt.Launch;
using Quilt.Linux;
using Quilt.Oci.Writing;

namespace Quilt.OciRuntime;

/// <summary>One run of the program, and how its failures are told: message, remedy, exit code.</summary>
internal static class Invocation
{
    private const int Failed = 1, NotExecutable = 126, NotFound = 127;

    internal static int Run(string[] args)
    {
        Arguments arguments = new();
        try
        {
            arguments.Parse(args, Commands.Find);
            return Invoke(arguments);
        }
        catch (QuiltException e)
        {
            return Fail(arguments, e.Remedy is null ? e.Message : $"{e.Message}; {e.Remedy}", Failed);
        }
        catch (LaunchException e)
        {
            int code = e.CommandNotFound ? NotFound : e.CommandNotExecutable ? NotExecutable : Failed;
            return Fail(arguments, $"{LaunchException.StageName(e.Stage)}: {e.Message}; {e.Remedy}", code);
        }
        catch (Exception e) when (e is SyscallException or IOException or UnauthorizedAccessException)
        {
            return Fail(arguments, e.Message, Failed);
        }
    }

    private static int Invoke(Arguments arguments)
    {
        if (arguments.Flag("version"))
        {
            // In the form that engines look for in a runtime's answer.
            Output.Line($"quilt-oci version {ThisProgram.Version}\nspec: {ThisProgram.SpecVersion}");
            return 0;
        }

        if (arguments.Command is not { } command || arguments.Flag("help"))
        {
            Output.Text(arguments.Command is { } asked ? Help.Of(asked) : Help.OfProgram());
            return arguments.Flag("help") ? 0 : Failed;
        }

        string root = arguments.Value("root") ?? "/run/quilt-oci";
        return command.Action(new Runtime(root, arguments.Flag("systemd-cgroup"), message => Log(arguments, "warning", message)), arguments);
    }

    private static int Fail(Arguments arguments, string message, int code)
    {
        Log(arguments, "error", message);
        Output.Error($"quilt-oci: {message}");
        return code;
    }

    private static void Log(Arguments arguments, string level, string message)
    {
        if (arguments.Value("log") is not { Length: > 0 } path)
        {
            return;
        }

        string time = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture);
        string line = arguments.Value("log-format") == "json"
            ? new JsonText().Begin().Add("level", level).Add("msg", message).Add("time", time).End().ToString()
            : $"time=\"{time}\" level={level} msg=\"{message.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        try
        {
            File.AppendAllText(path, line + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // stderr has it too.
        }
    }
}
