using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Quilt.Daemon;

/// <summary>
/// Bounds how many connections there are at an address that everybody may reach, and how many of them are one remote address's: one too many is closed
/// before anything is read of it. The daemon's own sockets keep theirs.
/// </summary>
internal sealed partial class ConnectionLimit(int most, int mostOfOne, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, int> _open = [];
    private int _all;

    /// <summary>Before anything else is done with a connection.</summary>
    internal ListenOptions Use(ListenOptions listen)
    {
        listen.Use(next => async connection =>
        {
            IPAddress remote = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
            if (!TryEnter(remote))
            {
                LogRefused(logger, remote, mostOfOne, most);
                return;
            }

            try
            {
                await next(connection).ConfigureAwait(false);
            }
            finally
            {
                Leave(remote);
            }
        });
        return listen;
    }

    /// <summary>False: there are too many.</summary>
    internal bool TryEnter(IPAddress remote)
    {
        lock (_lock)
        {
            ref int its = ref CollectionsMarshal.GetValueRefOrAddDefault(_open, KeyOf(remote), out bool known);
            if (_all < most && its < mostOfOne)
            {
                (_all, its) = (_all + 1, its + 1);
                return true;
            }

            if (!known)
            {
                _open.Remove(KeyOf(remote));
            }

            return false;
        }
    }

    internal void Leave(IPAddress remote)
    {
        lock (_lock)
        {
            _all--;
            if (--CollectionsMarshal.GetValueRefOrNullRef(_open, KeyOf(remote)) == 0)
            {
                _open.Remove(KeyOf(remote));
            }
        }
    }

    /// <summary>Of IPv6 the network: who has one address of it has them all (RFC 6177).</summary>
    private static UInt128 KeyOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        UInt128 whole = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork || address.IsIPv4MappedToIPv6 ? whole : whole >> 64 << 64;
    }

    [LoggerMessage(EventId = 103, Level = LogLevel.Debug, Message = "a connection from {Remote} was closed: there are {MostOfOne} of its, or {Most} in all")]
    private static partial void LogRefused(ILogger logger, IPAddress remote, int mostOfOne, int most);
}
