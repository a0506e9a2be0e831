namespace Quilt.Oci;

/// <summary>Which devices a container's group may use.</summary>
public static class DeviceRules
{
    /// <summary>
    /// The configuration's rules; none at all means that every device is refused, as in the field's other runtimes. Then what a
    /// runtime has to supply: the default devices, and the making of those asked for (config-linux.md, 'Default Devices').
    /// Without a user namespace, in which the kernel lets nobody make a device, any may be made by who has CAP_MKNOD, as the
    /// field's other runtimes have it: package managers unpack device files. Opening one is another right, not given thereby.
    /// </summary>
    public static IReadOnlyList<OciDeviceRule> Of(OciLinux linux)
    {
        List<OciDeviceRule> rules =
        [
            .. linux.Resources is { Devices: { Count: > 0 } asked } ? asked : [new OciDeviceRule(false) { Access = "rwm" }],
            .. linux.Namespaces.Any(n => n.Type == "user") ? [] : StandardDevices.Making,
            .. StandardDevices.Allowed,
        ];
        foreach (OciDevice device in linux.Devices)
        {
            if (device.Type != "p")
            {
                rules.Add(new OciDeviceRule(true) { Type = device.Type == "b" ? "b" : "c", Major = device.Major, Minor = device.Minor, Access = "m" });
            }
        }

        return rules;
    }
}
