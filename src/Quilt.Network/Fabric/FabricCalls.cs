using System.Net;
using Quilt.Core;
using Quilt.Linux;

namespace Quilt.Network;

/// <summary>What the fabric asks of whoever knows the edges.</summary>
/// <param name="LookUpAsync">What a name, in lower case and without a dot at its end, is to an address; null: nothing.</param>
/// <param name="Decide">What an address's connection to the outside may become; null: nothing.</param>
/// <param name="Exists">Whether an edge, by its id, is still there.</param>
/// <param name="NetworkNamespaceOf">See <see cref="WiringOptions"/>.</param>
internal sealed record FabricCalls(
    Func<IPAddress, string, CancellationToken, Task<NameAnswer?>> LookUpAsync, Func<IPAddress, IPEndPoint, Passage?> Decide, Func<string, bool> Exists,
    Func<ContainerId, FileDescriptor?> NetworkNamespaceOf);
