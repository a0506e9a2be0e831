using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Quilt.Daemon;

/// <summary>Bounds how many connections an address has that everybody may reach: one too many is closed. The daemon's own sockets keep theirs.</summary>
internal sealed class ConnectionLimit(int most)
{
    private int _open;

    /// <summary>Before anything else is done with a connection.</summary>
    internal ListenOptions Use(ListenOptions listen)
    {
        listen.Use(next => async connection =>
        {
            try
            {
                if (Interlocked.Increment(ref _open) <= most)
                {
                    await next(connection).ConfigureAwait(false);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        });
        return listen;
    }
}
