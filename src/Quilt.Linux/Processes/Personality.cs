namespace Quilt.Linux;

/// <summary>The runtime spec's execution domains and their flags as the kernel's bits (personality(2)).</summary>
public static class Personality
{
    /// <summary>False for an unknown domain.</summary>
    public static bool TryDomain(string name, out uint domain)
    {
        domain = name == "LINUX32" ? 0x8u : 0;
        return name is "LINUX" or "LINUX32";
    }

    /// <summary>False for an unknown flag.</summary>
    public static bool TryFlag(string name, out uint flag)
    {
        flag = name switch
        {
            "UNAME26" => 0x0020000,
            "ADDR_NO_RANDOMIZE" => 0x0040000,
            "FDPIC_FUNCPTRS" => 0x0080000,
            "MMAP_PAGE_ZERO" => 0x0100000,
            "ADDR_COMPAT_LAYOUT" => 0x0200000,
            "READ_IMPLIES_EXEC" => 0x0400000,
            "ADDR_LIMIT_32BIT" => 0x0800000,
            "SHORT_INODE" => 0x1000000,
            "WHOLE_SECONDS" => 0x2000000,
            "STICKY_TIMEOUTS" => 0x4000000,
            "ADDR_LIMIT_3GB" => 0x8000000,
            _ => 0,
        };
        return flag != 0;
    }
}
