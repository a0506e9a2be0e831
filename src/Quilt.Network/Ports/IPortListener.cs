using System.Net;

namespace Quilt.Network;

/// <summary>Listens on the host, and carries what comes to a container. The host forwards nothing for it, and needs no rule. What goes over it ends when it is disposed of.</summary>
internal interface IPortListener : IDisposable
{
    /// <summary>With the port that was chosen where none was given.</summary>
    IPEndPoint Address { get; }
}
