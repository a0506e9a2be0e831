using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Quilt.Linux;

namespace Quilt.Daemon;

/// <summary>
/// Connections to the daemon's own socket over which a command's outputs go to its client as descriptors (SCM_RIGHTS), beside its gRPC call. Such
/// a connection begins with <see cref="Preface"/>, where HTTP/2 begins with its own, and is answered with an id that nobody else
/// knows; a call that names it in <see cref="Header"/> has its outputs there. docs/decisions/0010-outputs-by-descriptor.md.
/// </summary>
internal sealed class DescriptorChannels
{
    internal const string Header = "quilt-descriptor-channel";
    private const int IdBytes = 16;
    private readonly ConcurrentDictionary<string, SafeSocketHandle> _open = new(StringComparer.Ordinal);

    private static ReadOnlySpan<byte> Preface => "QUILT DESCRIPTORS\n"u8;

    /// <summary>Serves a connection that begins so; any other goes on as it is.</summary>
    internal async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (await BeginsWithPrefaceAsync(connection.Transport.Input).ConfigureAwait(false))
        {
            await KeepAsync(connection).ConfigureAwait(false);
        }
        else
        {
            await next(connection).ConfigureAwait(false);
        }
    }

    /// <summary>Sends descriptors over the channel of that id, once.</summary>
    /// <returns>False where there is none, or its client has gone.</returns>
    internal bool TrySend(string id, IReadOnlyList<FileDescriptor> descriptors)
    {
        if (!_open.TryRemove(id, out SafeSocketHandle? socket))
        {
            return false;
        }

        bool held = false;
        try
        {
            socket.DangerousAddRef(ref held);
            Sys.SendWithFds(new FileDescriptor((int)socket.DangerousGetHandle(), ownsHandle: false), [0], [.. descriptors.Select(d => d.Number)]);
            return true;
        }
        catch (Exception e) when (e is SyscallException or ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (held)
            {
                socket.DangerousRelease();
            }
        }
    }

    internal bool Has(string id) => _open.ContainsKey(id);

    private static async Task<bool> BeginsWithPrefaceAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync().ConfigureAwait(false);
            int length = (int)Math.Min(read.Buffer.Length, Preface.Length);
            bool may = read.Buffer.Slice(0, length).ToArray().AsSpan().SequenceEqual(Preface[..length]);
            if (!may || read.IsCompleted || read.IsCanceled)
            {
                input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
                return false;
            }

            if (length == Preface.Length)
            {
                input.AdvanceTo(read.Buffer.GetPosition(length));
                return true;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Until its client goes.</summary>
    private async Task KeepAsync(ConnectionContext connection)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));
        _open[id] = connection.Features.Get<IConnectionSocketFeature>()!.Socket.SafeHandle;
        try
        {
            await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes(id)).ConfigureAwait(false);
            ReadResult read = await connection.Transport.Input.ReadAsync().ConfigureAwait(false); // it says nothing more
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
        }
        catch (ConnectionResetException)
        {
            // Gone too.
        }
        finally
        {
            _open.TryRemove(id, out _);
        }
    }
}
