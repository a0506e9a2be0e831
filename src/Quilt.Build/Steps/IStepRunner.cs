namespace Quilt.Build;

/// <summary>Runs a command of a build on top of layers, in a container of its own.</summary>
public interface IStepRunner
{
    /// <param name="output">What the command writes, as it comes; called by one thread at a time.</param>
    /// <returns>The command has ended, however it did; its files are there until it is disposed of.</returns>
    /// <exception cref="Core.QuiltException">It could not be run at all.</exception>
    /// <exception cref="OperationCanceledException">It was killed, and nothing of it is left.</exception>
    Task<IStepOutcome> RunAsync(BuildStep step, Action<StepOutput> output, CancellationToken cancellation);
}

/// <summary>What a command left. Disposing of it removes its files.</summary>
public interface IStepOutcome : IAsyncDisposable
{
    /// <summary>128 and the signal's number where a signal ended it.</summary>
    int ExitCode { get; }

    /// <summary>What it changed: an overlay's upper folder.</summary>
    string UpperFolder { get; }

    /// <summary>Ids in <see cref="UpperFolder"/> are those of the container and so much.</summary>
    uint HostIdBase { get; }

    /// <summary>
    /// Where the runner put something of its own into the container (<c>/proc</c>, <c>/etc/resolv.conf</c>), absolute. What was
    /// made to put it on, empty, is taken out again.
    /// </summary>
    IReadOnlyList<string> MountPoints { get; }
}

/// <param name="Bytes">Whoever gets them may keep them.</param>
/// <param name="IsError">Of standard error.</param>
public readonly record struct StepOutput(ReadOnlyMemory<byte> Bytes, bool IsError);
