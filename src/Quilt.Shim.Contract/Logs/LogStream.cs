namespace Quilt.Shim.Contract;

/// <summary>Where logged bytes came from.</summary>
public enum LogStream : byte
{
    /// <summary>The shim's own word, such as that bytes could not be kept.</summary>
    Notice = 0,
    Stdout = 1,
    Stderr = 2,
}
