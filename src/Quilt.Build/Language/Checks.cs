using Quilt.Core;

namespace Quilt.Build;

/// <summary>What is allowed and rarely meant; the names are those of Docker's checks.</summary>
/// <seealso href="https://docs.docker.com/reference/build-checks/"/>
internal static class Checks
{
    private static readonly string[] SecretWords = ["password", "passwd", "secret", "token", "apikey", "api_key", "private_key", "credential"];

    internal static IEnumerable<BuildWarning> Run(Dockerfile dockerfile) =>
    [
        .. Casing(dockerfile),
        .. StageNames(dockerfile),
        .. dockerfile.Stages.SelectMany(s => s.Instructions.SelectMany(InInstruction).Concat(Repeated(s)).Concat(RelativeFolders(s))),
        .. dockerfile.GlobalArguments.SelectMany(InInstruction),
    ];

    private static IEnumerable<Instruction> All(Dockerfile dockerfile) =>
        [.. dockerfile.GlobalArguments, .. dockerfile.Stages.SelectMany(s => s.Instructions.Prepend(s.From))];

    private static BuildWarning Warn(string rule, Instruction instruction, string message) => new(rule, message, instruction.Origin.Position);

    private static IEnumerable<BuildWarning> Casing(Dockerfile dockerfile)
    {
        List<Instruction> all = [.. All(dockerfile)];
        int lower = all.Count(i => !i.Origin.Keyword.Any(char.IsAsciiLetterUpper));
        bool mostlyLower = lower > all.Count - lower;
        return all
            .Where(i => i.Origin.Keyword.Any(mostlyLower ? char.IsAsciiLetterUpper : char.IsAsciiLetterLower))
            .Select(i => Warn("ConsistentInstructionCasing", i, $"'{i.Origin.Keyword}' is written in another case than most instructions"));
    }

    private static IEnumerable<BuildWarning> StageNames(Dockerfile dockerfile)
    {
        HashSet<string> seen = [];
        foreach (Instruction.From from in dockerfile.Stages.Select(s => s.From).Where(f => f.Name is not null))
        {
            if (from.Name is "scratch" or "context")
            {
                yield return Warn("ReservedStageName", from, $"the stage's name '{from.Name}' means something already");
            }

            if (!seen.Add(from.Name!))
            {
                yield return Warn("DuplicateStageName", from, $"an earlier stage has the name '{from.Name}'; from here on this one is meant");
            }

            string written = from.Origin.Text.TrimEnd();
            if (!written.EndsWith(from.Name!, StringComparison.Ordinal))
            {
                yield return Warn("StageNameCasing", from, $"the stage's name is '{from.Name}', in lower case");
            }
        }
    }

    private static IEnumerable<BuildWarning> Repeated(Stage stage)
    {
        foreach (IGrouping<string, Instruction> same in stage.Instructions.Where(i => i is Instruction.Command or Instruction.Entrypoint or Instruction.HealthCheck).GroupBy(i => i.Keyword))
        {
            foreach (Instruction instruction in same.SkipLast(1))
            {
                yield return Warn("MultipleInstructionsDisallowed", instruction, $"a later {same.Key} of the same stage replaces this one");
            }
        }
    }

    private static IEnumerable<BuildWarning> RelativeFolders(Stage stage)
    {
        // Relative to what the base says, which may change.
        Instruction.WorkingDirectory? first = stage.Instructions.OfType<Instruction.WorkingDirectory>().FirstOrDefault();
        if (first is not null && !first.Path.Text.StartsWith('/') && !first.Path.Text.StartsWith('$') && !first.Path.Text.StartsWith('"'))
        {
            yield return Warn("WorkdirRelativePath", first, "the folder is relative to the base image's, which may change");
        }
    }

    private static IEnumerable<BuildWarning> InInstruction(Instruction instruction)
    {
        switch (instruction)
        {
            case Instruction.Maintainer:
                yield return Warn("MaintainerDeprecated", instruction, "MAINTAINER is old; use LABEL org.opencontainers.image.authors=NAME");
                break;
            case Instruction.Env { IsOldForm: true } or Instruction.Label { IsOldForm: true }:
                yield return Warn("LegacyKeyValueFormat", instruction, "write NAME=VALUE, not NAME VALUE");
                break;
            case Instruction.Command { Line.IsExec: false } or Instruction.Entrypoint { Line.IsExec: false }:
                yield return Warn("JSONArgsRecommended", instruction, "run by a shell, the command does not get signals; write it as a JSON list");
                break;
            default:
                break;
        }

        IEnumerable<string> names = instruction switch
        {
            Instruction.Env env => env.Pairs.Select(p => p.Key.Text),
            Instruction.Arg arg => arg.Names.Select(n => n.Key.Text),
            _ => [],
        };
        foreach (string name in names.Where(n => SecretWords.Any(w => n.Contains(w, StringComparison.OrdinalIgnoreCase))))
        {
            yield return Warn("SecretsUsedInArgOrEnv", instruction, $"'{Text.Printable(name)}' would be kept in the image for everybody to read; use RUN --mount=type=secret");
        }
    }
}
