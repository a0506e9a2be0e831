using Quilt.Core;

namespace Quilt.Build;

/// <summary>A Dockerfile that was read: the arguments before the first stage, and the stages.</summary>
internal sealed record Dockerfile(
    SourceText Source,
    Directives Directives,
    IReadOnlyList<Instruction.Arg> GlobalArguments,
    IReadOnlyList<Stage> Stages,
    IReadOnlyList<BuildWarning> Warnings)
{
    private const int MostStages = 1000;

    internal static Dockerfile Of(SourceText source, Directives directives, IReadOnlyList<Instruction> instructions, IReadOnlyList<BuildWarning> warnings)
    {
        List<Instruction.Arg> global = [];
        List<(Instruction.From From, List<Instruction> Body)> stages = [];
        foreach (Instruction instruction in instructions)
        {
            if (instruction is Instruction.From from)
            {
                stages.Add((from, []));
            }
            else if (stages.Count > 0)
            {
                stages[^1].Body.Add(instruction);
            }
            else
            {
                global.Add(instruction as Instruction.Arg
                    ?? throw instruction.Origin.Error($"{instruction.Keyword} stands before the first FROM", "begin with FROM IMAGE; ARG alone may stand before it"));
            }
        }

        if (stages.Count is 0 or > MostStages)
        {
            throw source.Error(new SourcePosition(Math.Max(1, source.Lines.Count), 1), stages.Count == 0 ? "there is no FROM" : $"there are more than {MostStages} stages", "begin a stage with FROM IMAGE");
        }

        Dockerfile read = new(source, directives, global, [.. stages.Select((s, i) => new Stage(i, s.From, s.Body))], []);
        return read with { Warnings = [.. Checks.Run(read).Concat(warnings).Where(read.Wants).OrderBy(w => w.Position.Line).ThenBy(w => w.Position.Column)] };
    }

    /// <summary>Whether a warning is to be told: the file may skip a check.</summary>
    internal bool Wants(BuildWarning warning) =>
        !Directives.SkippedChecks.Contains("all") && !Directives.SkippedChecks.Contains(warning.Rule, StringComparer.OrdinalIgnoreCase);
}

/// <summary>What is built on one base.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Instructions">Those after its FROM.</param>
internal sealed record Stage(int Index, Instruction.From From, IReadOnlyList<Instruction> Instructions)
{
    /// <summary>The name that it has, or its number.</summary>
    internal string DisplayName => From.Name ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"stage-{Index}");
}
