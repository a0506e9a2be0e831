using Quilt.Core;
using Quilt.Images;

namespace Quilt.Build;

/// <summary>What a build consists of, before any of it is done: the stages that its target needs, and what each begins with.</summary>
internal sealed class BuildPlan
{
    private readonly BuildRequest _request;
    private readonly PlannedStage?[] _stages;
    private readonly Dictionary<string, string> _global;

    private BuildPlan(Dockerfile dockerfile, BuildRequest request)
    {
        Dockerfile = dockerfile;
        _request = request;
        _stages = new PlannedStage?[dockerfile.Stages.Count];
        Platform = request.Platform ?? PlatformArguments.Host;
        _global = Global();
    }

    internal Dockerfile Dockerfile { get; }
    internal Platform Platform { get; }

    internal int Target { get; private set; }

    /// <summary>What each global ARG came to.</summary>
    internal IReadOnlyDictionary<string, string> GlobalArguments => _global;

    /// <exception cref="QuiltException">InvalidArgument: no such target, stage or image name; told at its place.</exception>
    internal static BuildPlan Of(Dockerfile dockerfile, BuildRequest request)
    {
        BuildPlan plan = new(dockerfile, request);
        plan.Target = plan.TargetIndex();
        HashSet<int> seen = [plan.Target];
        Stack<int> left = new(seen);
        while (left.TryPop(out int index))
        {
            foreach (int needed in plan.StageAt(index).Needs.Where(seen.Add))
            {
                left.Push(needed);
            }
        }

        return plan;
    }

    /// <summary>One that the target needs was looked at already; another is only needed where a trigger of a base names it.</summary>
    /// <exception cref="QuiltException">As <see cref="Of"/>.</exception>
    internal PlannedStage StageAt(int index) => _stages[index] ??= Plan(Dockerfile.Stages[index]);

    /// <summary>The files that <c>FROM</c> or <c>--from</c> names: a named context, an earlier stage, or an image.</summary>
    /// <param name="before">The stage in which the name stands.</param>
    /// <param name="allowsNumber">Whether a number is a stage.</param>
    /// <exception cref="QuiltException">InvalidArgument: the name is none.</exception>
    internal StageBase Find(string name, int before, InstructionOrigin origin, RawWord word, bool allowsNumber)
    {
        string lower = name.ToLowerInvariant();
        if (_request.NamedContexts.TryGetValue(lower, out BuildContext? context))
        {
            return new StageBase.Context(context);
        }

        Stage? stage = Dockerfile.Stages.Take(before).LastOrDefault(s => s.From.Name == lower);
        if (stage is not null)
        {
            return new StageBase.Earlier(stage.Index);
        }

        if (allowsNumber && int.TryParse(name, System.Globalization.NumberStyles.None, null, out int number))
        {
            return number < before
                ? new StageBase.Earlier(number)
                : throw origin.Error(word, $"there is no stage {number} before this one", "name an earlier stage, an image or a context");
        }

        if (ImageReference.TryParse(name, out ImageReference reference))
        {
            return new StageBase.Image(reference, Platform);
        }

        string nearest = Spelling.Nearest(name, [.. Dockerfile.Stages.Take(before).Select(s => s.From.Name).OfType<string>()]);
        throw origin.Error(word, $"'{Text.Printable(name)}' is no earlier stage and no image's name", nearest.Length > 0 ? $"did you mean {nearest}?" : "give [DOMAIN/]NAME[:TAG][@DIGEST] in lower case, or an earlier stage");
    }

    private Dictionary<string, string> Global()
    {
        Dictionary<string, string> arguments = PlatformArguments.Of(Platform);
        foreach (Instruction.Arg arg in Dockerfile.GlobalArguments)
        {
            Expander expander = new(arg.Origin, name => arguments.GetValueOrDefault(name));
            foreach ((RawWord name, RawWord? value) in arg.Names)
            {
                if (_request.Arguments.TryGetValue(name.Text, out string? given))
                {
                    arguments[name.Text] = given;
                }
                else if (value is { } text)
                {
                    arguments[name.Text] = expander.Word(text);
                }
            }
        }

        return arguments;
    }

    private int TargetIndex()
    {
        if (_request.Target is not { } target)
        {
            return Dockerfile.Stages.Count - 1;
        }

        Stage? named = Dockerfile.Stages.LastOrDefault(s => target.Equals(s.From.Name, StringComparison.OrdinalIgnoreCase));
        if (named is not null)
        {
            return named.Index;
        }

        if (int.TryParse(target, System.Globalization.NumberStyles.None, null, out int number) && number < Dockerfile.Stages.Count)
        {
            return number;
        }

        List<string> names = [.. Dockerfile.Stages.Select(s => s.From.Name).OfType<string>().Distinct()];
        string nearest = Spelling.Nearest(target, names);
        throw QuiltException.Invalid("target", $"the Dockerfile has no stage '{Text.Printable(target)}'", nearest.Length > 0
            ? $"did you mean {nearest}?"
            : names.Count > 0 ? $"its stages are {string.Join(", ", names)}" : "its stages have no names: leave the target out, or give a number");
    }

    private PlannedStage Plan(Stage stage)
    {
        Instruction.From from = stage.From;
        Expander expander = new(from.Origin, name => _global.GetValueOrDefault(name));
        string image = expander.Word(from.Image);
        if (image.Length == 0)
        {
            throw from.Origin.Error(from.Image, "the image's name comes out empty", "give ARG a default before the first FROM, or set it as a build argument");
        }

        Platform platform = Platform;
        if (from.Platform is { } word)
        {
            string text = expander.Word(word);
            platform = PlatformArguments.TryParse(text) ?? throw from.Origin.Error(word, $"'{Text.Printable(text)}' is not a platform", "give OS/ARCHITECTURE[/VARIANT], such as linux/amd64");
        }

        StageBase begins = image == "scratch" && !_request.NamedContexts.ContainsKey(image)
            ? new StageBase.Scratch()
            : Find(image, stage.Index, from.Origin, from.Image, allowsNumber: false);
        begins = begins is StageBase.Image found ? found with { Platform = platform } : begins;
        HashSet<int> needs = [];
        foreach ((InstructionOrigin origin, RawWord name) in Named(stage))
        {
            if (Find(name.Text, stage.Index, origin, name, allowsNumber: true) is StageBase.Earlier earlier)
            {
                needs.Add(earlier.Index);
            }
        }

        if (begins is StageBase.Earlier parent)
        {
            needs.Add(parent.Index);
        }

        return new PlannedStage(stage, begins, platform, needs);
    }

    /// <summary>What a stage copies or mounts from.</summary>
    private static IEnumerable<(InstructionOrigin Origin, RawWord Name)> Named(Stage stage) => stage.Instructions.SelectMany(i => i switch
    {
        Instruction.Copy { Options.From: { } from } => [(i.Origin, from)],
        Instruction.Run run => run.Mounts.Where(m => m.From is not null).Select(m => (i.Origin, m.From!.Value)),
        _ => Enumerable.Empty<(InstructionOrigin, RawWord)>(),
    });
}

/// <param name="Needs">Indices of the earlier stages that it begins with, copies or mounts from.</param>
internal sealed record PlannedStage(Stage Stage, StageBase Base, Platform Platform, IReadOnlySet<int> Needs);

/// <summary>Files that a stage begins with or copies from.</summary>
internal abstract record StageBase
{
    private StageBase()
    {
    }

    internal sealed record Scratch : StageBase;

    internal sealed record Earlier(int Index) : StageBase;

    internal sealed record Image(ImageReference Reference, Platform Platform) : StageBase;

    internal sealed record Context(BuildContext Files) : StageBase;
}
