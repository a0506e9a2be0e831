namespace Quilt.OciRuntime;

internal static class ThisProgram
{
    internal const string Version = "0.1.0";

    /// <summary>The version of the runtime spec that is implemented.</summary>
    internal const string SpecVersion = "1.2.0";
}
