using Quilt.Core;

namespace Quilt.Cognition.Program;

/// <summary>What is said where a document was too much for its reader.</summary>
internal static class WorkerFailure
{
    private const string Remedy = "give a smaller document, or a part of it";
    private const int SignalBase = 128, Abort = 6, Killed = 9, CpuTime = 24; // SIGABRT, SIGKILL, SIGXCPU

    public static QuiltException Memory(string argument) =>
        new(ErrorCode.ResourceExhausted, "the document takes too much memory to read", Remedy, argument);

    public static QuiltException Time(string argument, int seconds) =>
        new(ErrorCode.ResourceExhausted, $"the document takes longer than {seconds} seconds to read", Remedy, argument);

    /// <summary>The reader ended without an answer.</summary>
    public static QuiltException Ended(string argument, int exitCode) => exitCode switch
    {
        SignalBase + CpuTime => new(ErrorCode.ResourceExhausted, "the document takes too much processor time to read", Remedy, argument),
        SignalBase + Killed => new(ErrorCode.ResourceExhausted, "the reader of the document was killed, most likely for the memory it took", Remedy, argument),
        SignalBase + Abort => new(ErrorCode.ResourceExhausted, "the document takes too much memory to read, or is nested too deeply", Remedy, argument),
        _ => new(ErrorCode.InvalidArgument, "the document broke its reader", "give the whole file, unchanged, and the right format", argument),
    };
}
