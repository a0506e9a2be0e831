using System.Diagnostics;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Images;

/// <summary>What a program of the host's makes of a stream, as it comes. Does not close what the program reads.</summary>
internal sealed class ProgramStream : ReadingStream
{
    /// <summary>More than any of them needs for what <see cref="MemoryBytes"/> lets it unpack.</summary>
    private const long AddressBytes = 1L << 30;
    private const int BufferBytes = 128 << 10;

    /// <summary>For the dictionary that an archive asks for; 65 MiB are what the strongest usual compression takes.</summary>
    private const long MemoryBytes = 192 << 20;
    private readonly string _name;
    private readonly Process _process;
    private readonly Task _feeding;
    private readonly TextTail _errors = new();
    private readonly Task _reading;
    private Exception? _sourceFailure;
    private bool _ended;

    private ProgramStream(string name, IEnumerable<string> arguments, Stream source)
    {
        _name = name;
        if (HostProgram.Find(name) is null || UnprivilegedProgram.TryStart(UnprivilegedProgram.Describe([$"--as={AddressBytes}"], [name, .. arguments])) is not { } process)
        {
            throw new QuiltException(ErrorCode.FailedPrecondition, $"the archive is compressed by {name}, and the host has no program that unpacks it", $"install {name} and util-linux on the host, or compress it by gzip or zstd");
        }

        _process = process;
        _reading = _errors.Fill(process.StandardError); // an archive may have it say much
        _feeding = Task.Factory.StartNew(() => Feed(source), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    internal static ProgramStream Xz(Stream source) =>
        new("xz", ["--decompress", "--stdout", "--quiet", "--threads=1", $"--memlimit-decompress={MemoryBytes}"], source);

    internal static ProgramStream Bzip2(Stream source) => new("bzip2", ["--decompress", "--stdout", "--quiet"], source);

    /// <exception cref="InvalidDataException">The program refuses what it reads.</exception>
    public override int Read(Span<byte> buffer)
    {
        int count = _ended ? 0 : _process.StandardOutput.BaseStream.Read(buffer);
        if (count == 0 && buffer.Length > 0 && !_ended)
        {
            _ended = true;
            End();
        }

        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (!_process.HasExited)
            {
                _process.Kill();
            }

            // The source is its owner's again.
            _feeding.GetAwaiter().GetResult();
            _process.StandardOutput.Dispose();
            _process.StandardError.Dispose();
            _process.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Feed(Stream source)
    {
        byte[] buffer = new byte[BufferBytes];
        using Stream input = _process.StandardInput.BaseStream;
        while (true)
        {
            int count;
            try
            {
                count = source.Read(buffer);
            }
            catch (Exception e)
            {
                // Told where the program's output ends: it is what ended it.
                _sourceFailure = e;
                return;
            }

            try
            {
                if (count == 0)
                {
                    return;
                }

                input.Write(buffer, 0, count);
            }
            catch (IOException)
            {
                return; // it takes no more: its exit status says why
            }
        }
    }

    private void End()
    {
        _process.WaitForExit();
        _feeding.GetAwaiter().GetResult();
        if (_sourceFailure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_sourceFailure);
        }

        if (_process.ExitCode != 0)
        {
            _reading.GetAwaiter().GetResult();
            throw new InvalidDataException($"{_name}: {Text.Printable(_errors.ToString().Trim())}");
        }
    }
}
