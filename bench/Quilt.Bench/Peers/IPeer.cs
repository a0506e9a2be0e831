using Quilt.Bench.Engines;
using Quilt.Bench.Processes;

namespace Quilt.Bench.Peers;

/// <summary>A side of the comparison with all the ways to drive it. What it cannot do is empty.</summary>
internal interface IPeer : IAsyncDisposable
{
    /// <summary>Its name for <c>--peers</c>.</summary>
    string Name { get; }

    /// <summary>Program and version, for the report.</summary>
    string Version { get; }

    IReadOnlyList<IContainerEngine> Engines => [];

    /// <summary>A whole <c>run --rm IMAGE true</c> by its command line, in milliseconds.</summary>
    WholeRun? Run => null;

    /// <summary>A whole run of <c>true</c> by the launcher alone, without daemon and image, in milliseconds.</summary>
    WholeRun? Launch => null;

    /// <summary>Its images by its command line.</summary>
    ImageCli? Images => null;

    /// <summary>The ways to build with it.</summary>
    IReadOnlyList<ImageBuilder> Builders => [];

    /// <summary>Which processes are its daemons, monitors and containers; null where it keeps none beside the container.</summary>
    Func<ProcessEntry, bool>? Owns => null;
}

/// <summary>One whole process that runs <c>true</c> in a fresh container.</summary>
internal sealed record WholeRun(string Side, Func<double> Measure);
