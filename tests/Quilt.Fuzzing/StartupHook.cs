/// <summary>The runtime calls it before a program begins (DOTNET_STARTUP_HOOKS): instrumented code writes to memory that has to be there by then.</summary>
#pragma warning disable CA1050 // The runtime looks for it outside every namespace.
internal static class StartupHook
#pragma warning restore CA1050
{
    public static void Initialize() => Quilt.Fuzzing.Guidance.Coverage.Attach();
}
