namespace Quilt.Cognition.Tests.Providers;

/// <summary>A file with a key in it, which root alone may read.</summary>
internal sealed class KeyFile : IDisposable
{
    public KeyFile(string key)
    {
        File.WriteAllText(Path, key + "\n");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead);
    }

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public void Dispose() => File.Delete(Path);
}
