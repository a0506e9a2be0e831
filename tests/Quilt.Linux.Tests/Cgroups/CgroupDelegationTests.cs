using Quilt.Testing;

namespace Quilt.Linux.Tests.Cgroups;

/// <summary>Groups marked as systemd marks those of units with <c>Delegate=yes</c>.</summary>
public sealed class CgroupDelegationTests
{
    private static void With(Action<DelegatedGroup> test)
    {
        Assert.SkipUnless(DelegatedGroup.IsPossible, DelegatedGroup.WhyNot);
        using DelegatedGroup group = new();
        test(group);
    }

    [Fact]
    public void The_delegated_part_of_a_path_ends_at_the_marked_group() => With(group =>
    {
        (string managers, string unit) = (group.Manager, group.Path);
        foreach (string path in (string[])[unit, unit + "/", $"/{unit}/a/b"])
        {
            Assert.Equal(unit, CgroupDelegation.PartOf(group.MountPoint, path));
        }

        foreach (string path in (string[])["", managers, managers + "/other", "quilt-test-none/a"])
        {
            Assert.Equal("", CgroupDelegation.PartOf(group.MountPoint, path));
        }
    });

    [Fact]
    public void What_the_manager_kept_is_not_changed() => With(group =>
    {
        string handedOn = $"{group.MountPoint}/{group.Manager}/cgroup.subtree_control", before = File.ReadAllText(handedOn);
        CgroupHost.OfThisMachine().Open(group.Path + "/instance/container").Create();
        Assert.Equal(before, File.ReadAllText(handedOn));
    });
}
