using CsCheck;
using Quilt.Oci;

namespace Quilt.Linux.Tests.Cgroups;

public class DeviceProgramTests
{
    private static readonly OciDeviceRule DenyAll = new(false) { Access = "rwm" };

    private static bool Allows(IReadOnlyList<OciDeviceRule> rules, char type, uint major, uint minor, DeviceAccess access) =>
        DeviceProgramInterpreter.Allows(DeviceProgram.Compile(rules), type, major, minor, access);

    [Fact]
    public void What_no_rule_names_is_refused() => Assert.False(Allows([], 'c', 1, 3, DeviceAccess.Read));

    [Fact]
    public void Only_the_named_device_is_allowed()
    {
        OciDeviceRule[] rules = [DenyAll, new(true) { Type = "c", Major = 1, Minor = 3, Access = "rw" }];
        Assert.True(Allows(rules, 'c', 1, 3, DeviceAccess.Read | DeviceAccess.Write));
        Assert.False(Allows(rules, 'c', 1, 3, DeviceAccess.MakeNode));
        Assert.False(Allows(rules, 'c', 1, 5, DeviceAccess.Read));
        Assert.False(Allows(rules, 'b', 1, 3, DeviceAccess.Read));
    }

    [Fact]
    public void Accesses_that_two_rules_allow_are_allowed_together()
    {
        OciDeviceRule[] rules =
        [
            DenyAll, new(true) { Type = "c", Major = 1, Minor = 3, Access = "r" }, new(true) { Type = "c", Major = 1, Access = "w" },
        ];
        Assert.True(Allows(rules, 'c', 1, 3, DeviceAccess.Read | DeviceAccess.Write));
        Assert.False(Allows(rules, 'c', 1, 4, DeviceAccess.Read | DeviceAccess.Write));
    }

    [Fact]
    public void Device_numbers_fill_all_their_bits() =>
        Assert.True(Allows([new(true) { Type = "c", Major = uint.MaxValue, Minor = 0x8000_0000 }], 'c', uint.MaxValue, 0x8000_0000, DeviceAccess.Read));

    [Theory]
    [InlineData("x", "r", 1L)]
    [InlineData("c", "rx", 1L)]
    [InlineData("c", "r", 1L << 32)]
    public void A_rule_that_means_nothing_is_refused(string type, string access, long major) =>
        Assert.Equal(Errno.EINVAL, Assert.Throws<SyscallException>(() => DeviceProgram.Compile([new(true) { Type = type, Access = access, Major = major }])).Errno);

    [Fact]
    public void Any_rules_decide_as_if_each_had_been_applied_in_turn()
    {
        Gen<OciDeviceRule> rule = Gen.Select(Gen.Bool, OneOf<string?>("a", "b", "c", null), OneOf<long?>(null, -1, 1, 2), OneOf<long?>(null, 3, 4),
            OneOf("r", "w", "m", "rw", "rwm", ""), (allow, type, major, minor, access) =>
                new OciDeviceRule(allow) { Type = type, Major = major, Minor = minor, Access = access });
        Gen.Select(rule.Array[0, 8], OneOf('b', 'c'), Gen.UInt[0, 3], Gen.UInt[2, 5], Gen.Int[1, 7]).Sample((rules, type, major, minor, access) =>
            Allows(rules, type, major, minor, (DeviceAccess)access) == InTurn(rules, type, major, minor, access));
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    /// <summary>The meaning, spelt out: for each access by itself the last rule that names it holds.</summary>
    private static bool InTurn(OciDeviceRule[] rules, char type, uint major, uint minor, int access)
    {
        foreach ((char letter, int bit) in (ReadOnlySpan<(char, int)>)[('m', 1), ('r', 2), ('w', 4)])
        {
            bool allowed = rules.LastOrDefault(r =>
                (r.Type is null or "a" || r.Type[0] == type) && (r.Major is null or -1 || r.Major == major) && (r.Minor is null || r.Minor == minor)
                && (r.Access is null or "" || r.Access.Contains(letter, StringComparison.Ordinal)))?.Allow ?? false;
            if ((access & bit) != 0 && !allowed)
            {
                return false;
            }
        }

        return true;
    }
}
