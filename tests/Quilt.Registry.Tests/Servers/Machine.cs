using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Quilt.Registry.Tests.Servers;

internal static class Machine
{
    /// <summary>An address of this machine that is not its loopback's: there TLS is required. The test is skipped where it has none.</summary>
    public static IPAddress Address
    {
        get
        {
            IPAddress? found = NetworkInterface.GetAllNetworkInterfaces()
                .Where(i => i.OperationalStatus == OperationalStatus.Up && i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(a => a.Address)
                .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
            Assert.SkipWhen(found is null, "this machine has no address but its loopback's");
            return found!;
        }
    }
}
