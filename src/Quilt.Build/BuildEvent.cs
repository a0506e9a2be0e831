using Quilt.Core;

namespace Quilt.Build;

/// <summary>What becomes of a build, told as it happens. Stages run at once: events of one step are in order, steps mix.</summary>
public abstract record BuildEvent
{
    private BuildEvent()
    {
    }

    /// <param name="Step">Counted from 1 over the whole build; the key of its later events.</param>
    /// <param name="Stage">The stage's name or number.</param>
    /// <param name="Number">Within its stage, from 1; <paramref name="Count"/> are planned, and triggers of the base come on top.</param>
    /// <param name="Text">The instruction, on one line, without substitutions.</param>
    public sealed record StepStarted(int Step, string Stage, int Number, int Count, string Text, SourcePosition Position) : BuildEvent;

    /// <param name="Digest">Of the uncompressed layer that it made; null where it made none.</param>
    public sealed record StepDone(int Step, TimeSpan Elapsed, bool IsCached, Digest? Layer) : BuildEvent;

    public sealed record StepFailed(int Step, TimeSpan Elapsed, QuiltException Error) : BuildEvent;

    /// <param name="Bytes">Text as the command wrote it; a character may be parted over two events.</param>
    public sealed record Output(int Step, ReadOnlyMemory<byte> Bytes, bool IsError) : BuildEvent;

    public sealed record Warned(BuildWarning Warning) : BuildEvent;
}
