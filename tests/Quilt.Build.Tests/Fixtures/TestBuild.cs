using System.Text;
using Quilt.Images;
using Quilt.Testing;

namespace Quilt.Build.Tests.Fixtures;

/// <summary>A store with busybox in it, a builder, and a context: all of it the test's own.</summary>
internal sealed class TestBuild : IDisposable, IBaseImages
{
    private readonly TemporaryFolder _folder = new();
    private readonly IRemoteSources? _remote;

    private TestBuild(IRemoteSources? remote)
    {
        _remote = remote;
        Store = ImageStore.Open(_folder["images"]);
        Directory.CreateDirectory(_folder["steps"]);
        Directory.CreateDirectory(Context);
        Runner = new ChrootRunner(_folder["steps"]);
        Builder = NewBuilder();
    }

    internal ImageStore Store { get; }
    internal ChrootRunner Runner { get; }
    internal Builder Builder { get; }
    internal StoredImage Busybox { get; private set; } = null!;
    internal string Context => _folder["context"];
    internal List<BuildEvent> Events { get; } = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal string this[string relative] => _folder[relative];

    internal static async Task<TestBuild> CreateAsync(IRemoteSources? remote = null)
    {
        TestBuild build = new(remote);
        build.Busybox = await build.Store.ImportEmbeddedAsync(Cancellation);
        return build;
    }

    /// <summary>Another process's: it shares the folders alone.</summary>
    internal Builder NewBuilder() => new(Store, _folder["build"]);

    internal BuildHelpers Helpers => new(Runner, this, _remote);

    /// <summary>Files of the context: text, and a folder where the path ends with a slash.</summary>
    internal void Write(string path, string content = "", int mode = 0x1A4)
    {
        string full = Path.Combine(Context, path);
        Directory.CreateDirectory(path.EndsWith('/') ? full : Path.GetDirectoryName(full)!);
        if (!path.EndsWith('/'))
        {
            File.WriteAllText(full, content);
            File.SetUnixFileMode(full, (UnixFileMode)mode);
        }
    }

    internal BuildRequest Request(string dockerfile) => new()
    {
        Dockerfile = Encoding.UTF8.GetBytes(dockerfile),
        Context = new BuildContext.Folder(Context),
        Tags = [ImageReference.Parse("test/image")],
    };

    internal Task<StoredImage> RunAsync(string dockerfile) => RunAsync(Request(dockerfile));

    internal async Task<StoredImage> RunAsync(BuildRequest request)
    {
        Events.Clear();
        return await Builder.BuildAsync(request, Helpers, Events.Add, Cancellation);
    }

    /// <summary>A file of an image as text.</summary>
    internal static string Read(StoredImage image, string path)
    {
        using ImageTree tree = ImageTree.Open(image.LayerFolders);
        using ImageTreeNode node = tree.TryFind(path) ?? throw new Xunit.Sdk.XunitException($"the image has no {path}");
        using StreamReader reader = new(node.OpenRead());
        return reader.ReadToEnd();
    }

    /// <summary>Whatever image the Dockerfile names: <c>base</c> is busybox, others are the store's.</summary>
    public Task<StoredImage> FindAsync(ImageReference reference, Platform platform, ImageLease lease, CancellationToken cancellation) =>
        Task.FromResult(reference.Path is "library/base" ? Busybox : Store.TryFind(reference)
            ?? throw new Core.QuiltException(Core.ErrorCode.NotFound, $"there is no image {reference}", "pull it"));

    public void Dispose() => _folder.Dispose();
}
