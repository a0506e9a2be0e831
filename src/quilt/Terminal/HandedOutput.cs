using Quilt.Linux;

namespace Quilt.Cli;

/// <summary>A command's outputs that came as its own pipes: what is in them is moved into ours by the kernel, on a thread of its own.</summary>
internal sealed class HandedOutput : IDisposable
{
    private const ulong Ended = 2;
    private const int MoveBytes = 1 << 20, CopyBytes = 64 << 10;
    private readonly Output[] _outputs;
    private readonly EventPoll _poll = new();
    private readonly EventCounter _ended = new();
    private readonly TaskCompletionSource _copied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;

    internal HandedOutput((FileDescriptor Stdout, FileDescriptor Stderr) pipes)
    {
        _outputs = [new Output(pipes.Stdout, StandardStreams.Stdout, "stdout"), new Output(pipes.Stderr, StandardStreams.Stderr, "stderr")];
        for (int i = 0; i < _outputs.Length; i++)
        {
            Sys.SetNonBlocking(_outputs[i].Pipe); // this end is ours alone
            _poll.Watch(_outputs[i].Pipe, EventKind.Readable, (ulong)i);
        }

        _poll.Watch(_ended.File, EventKind.Readable, Ended);
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Fails where our own outputs take no more; else done after <see cref="FinishAsync"/>.</summary>
    internal Task Copied => _copied.Task;

    /// <summary>The command has ended: what is left in its pipes is copied. Who it left behind may go on to write; that is not waited for.</summary>
    internal Task FinishAsync()
    {
        _ended.Raise();
        return _copied.Task;
    }

    /// <summary>After <see cref="Copied"/>, or when the process is about to end.</summary>
    public void Dispose()
    {
        if (_copied.Task.IsCompleted)
        {
            _thread.Join();
            _poll.Dispose();
            _ended.Dispose();
            Array.ForEach(_outputs, o => o.Pipe.Dispose());
        }
    }

    private void Run()
    {
        try
        {
            while (CopyOnce())
            {
            }

            foreach (Output output in _outputs)
            {
                output.CopyRest();
            }

            _copied.SetResult();
        }
        catch (Exception e)
        {
            _copied.SetException(e is SyscallException { Errno: Errno.EPIPE } ? new BrokenPipeException() : e);
        }
    }

    /// <returns>False when the command has ended.</returns>
    private bool CopyOnce()
    {
        bool ended = false;
        int count = _poll.Wait(-1);
        for (int i = 0; i < count; i++)
        {
            ulong token = _poll[i].Token;
            if (token == Ended)
            {
                ended = true;
            }
            else if (!_outputs[token].IsAtEnd && _outputs[token].Copy(MoveBytes) == 0)
            {
                _poll.Forget(_outputs[token].Pipe);
            }
        }

        return !ended;
    }

    /// <summary>One pipe, and where its content goes.</summary>
    private sealed class Output(FileDescriptor pipe, FileDescriptor target, string name)
    {
        private byte[]? _buffer; // where the target takes nothing from a pipe

        internal FileDescriptor Pipe => pipe;

        /// <summary>Nobody writes to it any more.</summary>
        internal bool IsAtEnd { get; private set; }

        /// <summary>Copies what is there at the moment, waiting until our output takes it.</summary>
        /// <returns>0 at the end, -1 where nothing was there.</returns>
        internal long Copy(int most)
        {
            while (_buffer is null)
            {
                switch (Sys.TryMove(pipe, target, most))
                {
                    case null:
                        _buffer = new byte[CopyBytes];
                        break;
                    case -1 when Sys.Waiting(pipe) > 0:
                        Sys.WaitWritable(target);
                        break;
                    case { } moved:
                        IsAtEnd = moved == 0;
                        return moved;
                }
            }

            int count = Sys.TryRead(pipe, _buffer.AsSpan(0, Math.Min(most, CopyBytes)));
            IsAtEnd = count == 0;
            if (count > 0)
            {
                Sys.WriteShared(target, _buffer.AsSpan(0, count), name);
            }

            return count;
        }

        /// <summary>So much as is there now.</summary>
        internal void CopyRest()
        {
            for (long left = IsAtEnd ? 0 : Sys.Waiting(pipe), copied = 1; left > 0 && copied > 0; left -= copied)
            {
                copied = Copy((int)Math.Min(left, MoveBytes));
            }
        }
    }
}
