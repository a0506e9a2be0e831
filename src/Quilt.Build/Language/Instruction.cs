namespace Quilt.Build;

/// <summary>One instruction, as it is written: nothing of it is expanded yet.</summary>
internal abstract record Instruction(InstructionOrigin Origin)
{
    /// <summary>Its name as people write it, such as <c>RUN</c>.</summary>
    internal string Keyword => Origin.Keyword.ToUpperInvariant();

    internal sealed record From(InstructionOrigin Origin, RawWord Image, string? Name, RawWord? Platform) : Instruction(Origin);

    internal sealed record Run(InstructionOrigin Origin, CommandLine Line, IReadOnlyList<Heredoc> Heredocs, IReadOnlyList<MountOption> Mounts, RunNetwork Network) : Instruction(Origin);

    internal sealed record Command(InstructionOrigin Origin, CommandLine Line) : Instruction(Origin);

    internal sealed record Entrypoint(InstructionOrigin Origin, CommandLine Line) : Instruction(Origin);

    internal sealed record Shell(InstructionOrigin Origin, IReadOnlyList<string> Words) : Instruction(Origin);

    internal sealed record Label(InstructionOrigin Origin, IReadOnlyList<KeyValuePair<RawWord, RawWord>> Pairs, bool IsOldForm) : Instruction(Origin);

    internal sealed record Env(InstructionOrigin Origin, IReadOnlyList<KeyValuePair<RawWord, RawWord>> Pairs, bool IsOldForm) : Instruction(Origin);

    internal sealed record Arg(InstructionOrigin Origin, IReadOnlyList<KeyValuePair<RawWord, RawWord?>> Names) : Instruction(Origin);

    internal sealed record Expose(InstructionOrigin Origin, IReadOnlyList<RawWord> Ports) : Instruction(Origin);

    /// <summary>COPY and ADD.</summary>
    internal sealed record Copy(InstructionOrigin Origin, IReadOnlyList<RawWord> Sources, RawWord Destination, IReadOnlyList<Heredoc> Heredocs, CopyOptions Options) : Instruction(Origin)
    {
        internal bool IsAdd => Keyword == "ADD";
    }

    internal sealed record Volume(InstructionOrigin Origin, IReadOnlyList<RawWord> Paths) : Instruction(Origin);

    internal sealed record User(InstructionOrigin Origin, RawWord Name) : Instruction(Origin);

    internal sealed record WorkingDirectory(InstructionOrigin Origin, RawWord Path) : Instruction(Origin);

    internal sealed record StopSignal(InstructionOrigin Origin, RawWord Signal) : Instruction(Origin);

    internal sealed record Maintainer(InstructionOrigin Origin, string Name) : Instruction(Origin);

    internal sealed record OnBuild(InstructionOrigin Origin, string Trigger) : Instruction(Origin);

    /// <param name="Test">As the image's configuration has it; <c>NONE</c> alone for none at all.</param>
    internal sealed record HealthCheck(InstructionOrigin Origin, IReadOnlyList<string> Test, HealthCheckOptions Options) : Instruction(Origin);
}

/// <summary>Of a step: the build's egress where it has any, or none at all.</summary>
internal enum RunNetwork
{
    Default,
    None,
}

/// <summary>COPY's and ADD's options, as written; null where not given.</summary>
internal sealed record CopyOptions
{
    internal RawWord? From { get; init; }
    internal RawWord? Owner { get; init; }
    internal RawWord? Permissions { get; init; }
    internal RawWord? Checksum { get; init; }
    internal IReadOnlyList<RawWord> Excluded { get; init; } = [];

    /// <summary>The destination's links are not followed: the layer does not depend on those below.</summary>
    internal bool Link { get; init; }

    /// <summary>The sources' folders are kept, from <c>./</c> in them on.</summary>
    internal bool Parents { get; init; }
    internal bool KeepGitFolder { get; init; }

    /// <summary>Archives are unpacked: null where local ones alone.</summary>
    internal bool? Unpack { get; init; }
}

/// <summary>Null: not given, and the base image's default is meant.</summary>
internal sealed record HealthCheckOptions
{
    internal TimeSpan? Interval { get; init; }
    internal TimeSpan? Timeout { get; init; }
    internal TimeSpan? StartPeriod { get; init; }
    internal TimeSpan? StartInterval { get; init; }
    internal int? Retries { get; init; }
}
