using System.Globalization;
using System.Text;
using Microsoft.Extensions.AI;
using Quilt.Client;
using Quilt.Core;

namespace Quilt.Cognition.Program;

/// <summary><c>quilt-cognition run</c>: an agent that works on a task until it is done; see docs/cognition.md.</summary>
internal static class RunCommand
{
    private const int Done = 0, Failed = 1, WrongUsage = 2, Stopped = 3;

    public static async Task<int> Run(string[] words)
    {
        TerminalView view = TerminalView.OfConsole();
        RunOptions options;
        string config;
        AgentFile file;
        Transcript transcript;
        try
        {
            options = RunOptions.Parse(words);
            config = ReadConfig(options.Config);
            file = AgentFile.Read(config);
            transcript = Open(options, view);
        }
        catch (QuiltException e)
        {
            view.Fail(e);
            return WrongUsage;
        }

        using (transcript)
        {
            using Transcript? lines = options.Json ? new Transcript(Console.Out, TimeProvider.System) : null;
            return await Run(options, config, file, view, happened =>
            {
                transcript.Write(happened);
                (lines is null ? view.Show : (Action<AgentEvent>)lines.Write)(happened);
            }).ConfigureAwait(false);
        }
    }

    private static async Task<int> Run(RunOptions options, string config, AgentFile file, TerminalView view, Action<AgentEvent> tell)
    {
        using Interruption interruption = new(() => view.Note("interrupted: cleaning up; interrupt again to leave all as it is"));
        Secrets secrets = new();
        Engagement? engagement = null;
        AgentLoop? loop = null;
        (string outcome, string? reason, int code) = ("done", null, Done);
        try
        {
            ModelConfig model = file.Model!;
            ApiKey key = ApiKey.Read(model.ApiKeyFile, model.ApiKeyEnv, "model");
            secrets.Learn(key.Value);
            engagement = new Engagement(options, file, config);
            await engagement.BeginAsync(secrets, interruption.Token).ConfigureAwait(false);
            IReadOnlyList<AIFunction> functions = await new QuiltTools(engagement.Client).GetAIFunctionsAsync(cancellationToken: interruption.Token).ConfigureAwait(false);
            loop = new AgentLoop(engagement.Agent, model, key, AgentInstructions.Of(file.SystemPrompt), functions, new AgentBudget(file.MaxIterations, options.MaxTokens), secrets, tell);
            tell(new AgentEvent.Began(secrets.Clean(options.Task), engagement.Agent, engagement.Session, model.Model, [.. functions.Select(f => f.Name)]));
            await WithinTime(loop, options, interruption.Token).ConfigureAwait(false);
        }
        catch (AgentStoppedException e)
        {
            (outcome, reason, code) = ("stopped", $"{e.Message}; {e.Remedy}", Stopped);
        }
        catch (QuiltException e)
        {
            (outcome, reason, code) = ("failed", $"{e.Code.WireName()}: {e.Message}{(e.Remedy is null ? "" : "; " + e.Remedy)}", Failed);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            (outcome, reason, code) = ("interrupted", null, Failed);
        }
        catch (Exception e)
        {
            (outcome, reason, code) = ("failed", $"internal: {e}", Failed);
        }

        if (engagement is not null)
        {
            (IReadOnlyList<string> cleaned, IReadOnlyList<string> left) = await engagement.EndAsync().ConfigureAwait(false);
            foreach (string what in cleaned)
            {
                tell(new AgentEvent.Cleaned(secrets.Clean(what)));
            }

            foreach (string what in left)
            {
                view.Note("not cleaned up: " + secrets.Clean(what));
                code = code == Done ? Failed : code;
            }

            engagement.Dispose();
        }

        tell(new AgentEvent.Ended(outcome, reason is null ? null : secrets.Clean(reason), loop?.Requests ?? 0, loop?.InputTokens ?? 0, loop?.OutputTokens ?? 0));
        loop?.Dispose();
        return code;
    }

    /// <exception cref="AgentStoppedException">The time is over.</exception>
    private static async Task WithinTime(AgentLoop loop, RunOptions options, CancellationToken interrupted)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        if (options.Timeout is { } timeout)
        {
            limit.CancelAfter(timeout);
        }

        try
        {
            await loop.RunAsync(options.Task, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!interrupted.IsCancellationRequested && limit.IsCancellationRequested)
        {
            throw new AgentStoppedException($"the time of {DurationText.Format(options.Timeout!.Value)} is over, and the model is not done", "raise --timeout, or ask for less");
        }
    }

    private static string ReadConfig(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw QuiltException.Invalid("--config", $"the configuration '{path}' cannot be read: {e.Message}", "name a file of YAML or JSON; see docs/cognition.md");
        }
    }

    /// <summary>For its owner's eyes: it holds what the model and the commands wrote.</summary>
    private static Transcript Open(RunOptions options, TerminalView view)
    {
        string path = options.Transcript ?? string.Create(CultureInfo.InvariantCulture, $"quilt-agent-{DateTimeOffset.UtcNow:yyyyMMdd-HHmmss}.jsonl");
        try
        {
            FileStream file = new(path, new FileStreamOptions
            {
                Mode = options.Transcript is null ? FileMode.CreateNew : FileMode.Create, Access = FileAccess.Write, Share = FileShare.Read, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
            return new Transcript(
                new StreamWriter(file, new UTF8Encoding(false)), TimeProvider.System, e => view.Note($"the transcript '{path}' cannot be written any more, and the run goes on without: {e.Message}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw QuiltException.Invalid("--transcript", $"the transcript '{path}' cannot be written: {e.Message}", "give a file that can be, with --transcript FILE");
        }
    }
}
