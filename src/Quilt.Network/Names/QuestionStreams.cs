using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using ARSoft.Tools.Net.Dns;

namespace Quilt.Network;

/// <summary>
/// Questions over TCP. The rules bound a container's connections; of each one question is answered after the other, the first few at once,
/// and it ends where none comes. (The library's own transport keeps a connection until it is collected, and all that was asked over it.)
/// </summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc7766"/>
internal sealed class QuestionStreams(IPEndPoint own) : IServerTransport
{
    private const int LengthSize = sizeof(ushort), ShortestMessage = 12, AtOnce = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100), Pace = TimeSpan.FromMilliseconds(50), Patience = TimeSpan.FromSeconds(5), LongestAnswer = TimeSpan.FromSeconds(60);
    private Socket? _listener;

    public ushort DefaultAllowedResponseSize => ushort.MaxValue;

    public bool SupportsMultipleResponses => false;

    public bool AllowTruncatedResponses => false;

    public ARSoft.Tools.Net.Dns.TransportProtocol TransportProtocol => ARSoft.Tools.Net.Dns.TransportProtocol.Tcp;

    public void Bind() => _listener = StreamSockets.Listen(own);

    public void Close() => _listener?.Dispose();

    public void Dispose() => Close();

    /// <returns>Null: none could be taken; it is asked for again.</returns>
    public async Task<IServerConnection?> AcceptConnectionAsync(CancellationToken token = default)
    {
        try
        {
            return new Connection(this, await _listener!.AcceptAsync(token).ConfigureAwait(false));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
        catch (SocketException)
        {
            // Such as for want of descriptors.
            await Task.Delay(Pause, CancellationToken.None).ConfigureAwait(false);
            return null;
        }
    }

    private sealed class Connection(QuestionStreams transport, Socket client) : IServerConnection
    {
        private readonly SemaphoreSlim _answered = new(1);
        private int _asked;

        public IServerTransport Transport => transport;

        public IPEndPoint RemoteEndPoint { get; } = (IPEndPoint)client.RemoteEndPoint!;

        public IPEndPoint LocalEndPoint { get; } = (IPEndPoint)client.LocalEndPoint!;

        public bool CanRead { get; private set; } = true;

        public Task<bool> InitializeAsync(CancellationToken token = default) => Task.FromResult(true);

        /// <returns>Null where it is over, which nobody else tells of.</returns>
        public async Task<DnsReceivedRawPackage?> ReceiveAsync(CancellationToken token = default)
        {
            try
            {
                // What is no question has no answer: it ends as if that were late.
                if (await _answered.WaitAsync(LongestAnswer, token).ConfigureAwait(false))
                {
                    await Task.Delay(_asked++ < AtOnce ? TimeSpan.Zero : Pace, token).ConfigureAwait(false);
                    byte[] length = new byte[LengthSize];
                    if (await TryReadAsync(length, token).ConfigureAwait(false) && BinaryPrimitives.ReadUInt16BigEndian(length) is >= ShortestMessage and var size)
                    {
                        byte[] question = [.. length, .. new byte[size]];
                        if (await TryReadAsync(question.AsMemory(LengthSize), token).ConfigureAwait(false))
                        {
                            return new DnsReceivedRawPackage(question, RemoteEndPoint, LocalEndPoint);
                        }
                    }
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // It is over.
            }

            End();
            return null;
        }

        public async Task<bool> SendAsync(DnsRawPackage package, CancellationToken token = default)
        {
            using CancellationTokenSource patient = Patiently(token);
            try
            {
                for (ReadOnlyMemory<byte> rest = package.ToArraySegment(true); !rest.IsEmpty;)
                {
                    rest = rest[await client.SendAsync(rest, SocketFlags.None, patient.Token).ConfigureAwait(false)..];
                }

                return true;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                End();
                return false;
            }
            finally
            {
                _answered.Release();
            }
        }

        /// <summary>The library does so also where an answer was faster than its waiting for the next question: what it waits for ends it instead.</summary>
        public void Dispose()
        {
        }

        private void End()
        {
            CanRead = false;
            client.Dispose();
        }

        /// <returns>False: the other has nothing more to say.</returns>
        private async Task<bool> TryReadAsync(Memory<byte> whole, CancellationToken token)
        {
            using CancellationTokenSource patient = Patiently(token);
            while (!whole.IsEmpty)
            {
                int count = await client.ReceiveAsync(whole, SocketFlags.None, patient.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    return false;
                }

                whole = whole[count..];
            }

            return true;
        }

        private static CancellationTokenSource Patiently(CancellationToken token)
        {
            CancellationTokenSource patient = CancellationTokenSource.CreateLinkedTokenSource(token);
            patient.CancelAfter(Patience);
            return patient;
        }
    }
}
