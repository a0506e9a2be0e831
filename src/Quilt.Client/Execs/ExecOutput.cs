using System.Text;

namespace Quilt.Client;

/// <summary>What comes from a command while it runs: that it has begun, its output in pieces, and its end.</summary>
public abstract record ExecOutput
{
    private ExecOutput()
    {
    }

    /// <summary>It has been executed. The first.</summary>
    public sealed record Started(string ExecId, int ProcessId) : ExecOutput;

    /// <summary>A piece of its stdout; it may begin or end within a letter.</summary>
    public sealed record Stdout(ReadOnlyMemory<byte> Bytes) : ExecOutput
    {
        public string Text => Encoding.UTF8.GetString(Bytes.Span);
    }

    /// <summary>A piece of its stderr; it may begin or end within a letter.</summary>
    public sealed record Stderr(ReadOnlyMemory<byte> Bytes) : ExecOutput
    {
        public string Text => Encoding.UTF8.GetString(Bytes.Span);
    }

    /// <summary>It has ended. The last.</summary>
    public sealed record Exited(ExecResult Result) : ExecOutput;
}
