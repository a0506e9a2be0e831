using System.Collections;
using System.CommandLine;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>Becomes the program that runs agents, which is no part of this one: it brings a language model's libraries with it.</summary>
internal sealed class AgentRunCommand : CliCommand
{
    internal const string Program = "quilt-cognition";
    private readonly Argument<string> _task;
    private readonly Option<string?> _config, _maxTokens, _timeout, _transcript;

    internal AgentRunCommand()
        : base("agent run", "Have an agent do a task, with a language model and Quilt's tools")
    {
        _task = Word("TASK");
        _config = Value("FILE", "The agent: its model, its instructions and what it may do (YAML or JSON)", "--config", "-c");
        _maxTokens = Value("N", "Stop when so many tokens were sent and received", "--max-tokens");
        _timeout = Value("DURATION", "Stop after this time, such as 30m", "--timeout");
        _transcript = Value("FILE", "Keep the run there, as JSON lines (default quilt-agent-TIME.jsonl here)", "--transcript");
    }

    internal override string Usage => "--config FILE [OPTIONS] TASK";

    internal override string Details => $"Runs {Program}, which lies beside quilt, with the same daemon, token and session. Without a token it works as an agent of its own, which is removed at the end with all that it has. Ends with 0 when the model has answered, 1 after an error, 2 where the command line or the configuration is wrong, 3 when a budget is used up or the model goes in circles.";

    internal override IReadOnlyList<Example> Examples => [new("quilt agent run --config helper.yaml \"Find out why the tests fail\"", "Until it is done, or gives up")];

    internal override Task<int> RunAsync(Invocation call)
    {
        string config = call.Get(_config) ?? throw QuiltException.Invalid("--config", "agent run needs --config", $"usage: quilt {Name} {Usage}");
        string program = Path.Combine(Path.GetDirectoryName(Environment.ProcessPath) ?? "/", Program);
        call.Streams.Flush();
        SyscallException failure = Sys.Execute(program, Words(call, config), Environ(call));
        throw failure.Errno == Errno.ENOENT
            ? new QuiltException(ErrorCode.Unavailable, $"{Program} is not installed beside quilt, as {program}", "install Quilt's cognition package, or build it and copy it there", inner: failure)
            : new QuiltException(ErrorCode.Internal, $"{program} cannot be executed: {failure.Errno}", $"see that it is this machine's {Program} and that you may execute it", inner: failure);
    }

    internal string[] Words(Invocation call, string config)
    {
        string task = call.Get(_task)!;
        return [Program, "run", "--config", config, .. Given("--max-tokens", _maxTokens), .. Given("--timeout", _timeout), .. Given("--transcript", _transcript), .. call.Json ? (string[])["--json"] : [], .. task.StartsWith('-') ? (string[])["--"] : [], task];

        string[] Given(string name, Option<string?> option) => call.Get(option) is { } value ? [$"{name}={value}"] : [];
    }

    /// <summary>Ours, with where the daemon is and who calls: a token on a command line is everybody's to read.</summary>
    internal static string[] Environ(Invocation call)
    {
        Dictionary<string, string?> variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value);
        variables["QUILT_HOST"] = call.Address.ToString();
        variables[Caller.TokenVariable] = call.Caller.Token;
        variables[Caller.SessionVariable] = call.Caller.Session;
        return [.. variables.Where(v => v.Value is not null).Select(v => $"{v.Key}={v.Value}")];
    }
}
