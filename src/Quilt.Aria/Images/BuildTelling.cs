using System.Text;
using Quilt.Build;
using Quilt.Engine;

namespace Quilt.Aria;

/// <summary>Tells a call's listener of a build, and keeps what its result tells.</summary>
internal sealed class BuildTelling(IProgress<ToolProgress>? to)
{
    private const int LongestLog = 64 << 10, LongestLine = 4 << 10;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Step> _steps = [];
    private readonly List<string> _warnings = [];
    private readonly BoundedOutput _log = new(LongestLog);

    internal IReadOnlyList<BuildStepView> Steps => [.. _steps.OrderBy(s => s.Key).Select(s => new BuildStepView { Step = s.Value.Name, Instruction = s.Value.Text, Cached = s.Value.IsCached, DurationMs = s.Value.Elapsed.TotalMilliseconds })];
    internal IReadOnlyList<string> Warnings => _warnings;
    internal string Log => Encoding.UTF8.GetString(_log.ToArray());

    internal void Report(BuildEvent value)
    {
        lock (_lock)
        {
            switch (value)
            {
                case BuildEvent.StepStarted started:
                    Step step = new($"[{started.Stage} {started.Number}/{started.Count}]", started.Text);
                    _steps[started.Step] = step;
                    Tell(step, "started", started.Text);
                    break;
                case BuildEvent.StepDone done when _steps.TryGetValue(done.Step, out Step? of):
                    Flush(of);
                    (of.IsCached, of.Elapsed) = (done.IsCached, done.Elapsed);
                    Tell(of, done.IsCached ? "cached" : "done", "", done.Elapsed.TotalMilliseconds);
                    break;
                case BuildEvent.StepFailed failed when _steps.TryGetValue(failed.Step, out Step? of):
                    Flush(of);
                    Tell(of, "failed", failed.Error.Message, failed.Elapsed.TotalMilliseconds);
                    break;
                case BuildEvent.Output output when _steps.TryGetValue(output.Step, out Step? of):
                    Write(of, output);
                    break;
                case BuildEvent.Warned warned:
                    string warning = $"line {warned.Warning.Position.Line}: {warned.Warning.Message} ({warned.Warning.Rule})";
                    _warnings.Add(warning);
                    to?.Report(new ToolProgress(0, null, warning) { Item = "Dockerfile", Stage = "warning" });
                    break;
            }
        }
    }

    /// <summary>Lines are told whole: a step's output comes in pieces.</summary>
    private void Write(Step step, BuildEvent.Output output)
    {
        foreach (char c in step.Decode(output.Bytes.Span, output.IsError))
        {
            if (c == '\n' || step.Line.Length >= LongestLine)
            {
                Flush(step);
            }

            if (c is not ('\n' or '\r'))
            {
                step.Line.Append(c);
            }
        }
    }

    private void Flush(Step step)
    {
        if (step.Line.Length == 0)
        {
            return;
        }

        string line = step.Line.ToString();
        step.Line.Clear();
        Tell(step, "output", line);
        _log.Append(Encoding.UTF8.GetBytes($"{step.Name} {line}\n"));
    }

    private void Tell(Step step, string stage, string message, double progress = 0) => to?.Report(new ToolProgress(progress, null, message) { Item = step.Name, Stage = stage });

    private sealed class Step(string name, string text)
    {
        // Each stream by itself: a character of one is not cut by a line of the other.
        private readonly Decoder _out = Encoding.UTF8.GetDecoder(), _error = Encoding.UTF8.GetDecoder();

        internal string Name { get; } = name;
        internal string Text { get; } = text;
        internal bool IsCached { get; set; }
        internal TimeSpan Elapsed { get; set; }
        internal StringBuilder Line { get; } = new();

        internal char[] Decode(ReadOnlySpan<byte> bytes, bool isError)
        {
            Decoder decoder = isError ? _error : _out;
            char[] characters = new char[decoder.GetCharCount(bytes, flush: false)];
            decoder.GetChars(bytes, characters, flush: false);
            return characters;
        }
    }
}
