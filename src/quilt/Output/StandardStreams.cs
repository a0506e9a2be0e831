using System.Text;
using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>Our three standard streams, as bytes and as text.</summary>
internal sealed class StandardStreams
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);
    private readonly Lazy<TextWriter> _out, _error;

    internal StandardStreams(Stream output, Stream error, bool isTerminal, bool errorIsTerminal = false)
    {
        OutBytes = output;
        ErrorBytes = error;
        _out = new(() => new StreamWriter(output, Utf8) { NewLine = "\n" });
        _error = new(() => new StreamWriter(error, Utf8) { NewLine = "\n", AutoFlush = true });
        Style = new Style(isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
        IsTerminal = isTerminal;
        ErrorIsTerminal = errorIsTerminal;
    }

    internal static FileDescriptor Stdin { get; } = new(0, ownsHandle: false);

    internal static FileDescriptor Stdout { get; } = new(1, ownsHandle: false);

    internal static FileDescriptor Stderr { get; } = new(2, ownsHandle: false);

    /// <summary>Unbuffered; not to be mixed with <see cref="Out"/>.</summary>
    internal Stream OutBytes { get; }

    internal Stream ErrorBytes { get; }

    internal TextWriter Out => _out.Value;

    internal TextWriter Error => _error.Value;

    /// <summary>Whether a person reads our output.</summary>
    internal bool IsTerminal { get; }

    /// <summary>Whether a person sees what is written beside the output.</summary>
    internal bool ErrorIsTerminal { get; }

    internal Style Style { get; }

    internal static StandardStreams OfProcess() =>
        new(new DescriptorStream(Stdout, "stdout"), new DescriptorStream(Stderr, "stderr"), TerminalMode.IsTerminal(Stdout), TerminalMode.IsTerminal(Stderr));

    internal void Flush()
    {
        if (_out.IsValueCreated)
        {
            _out.Value.Flush();
        }

        if (_error.IsValueCreated)
        {
            _error.Value.Flush();
        }
    }
}
