using System.Text;
using System.Text.RegularExpressions;
using Quilt.Build;
using Quilt.Core;
using Quilt.Images;
using Quilt.Linux;

namespace Quilt.Aria;

/// <summary>What a build is made of: its Dockerfile, its context and those that have names. Gone with the build, as far as they are our own.</summary>
internal sealed partial class BuildFiles : IDisposable
{
    private const string UsualName = "Dockerfile";
    private const long LongestDockerfile = 1 << 20;
    private readonly List<ContextFolder> _folders = [];
    private readonly Dictionary<string, BuildContext> _named = new(StringComparer.Ordinal);

    private BuildFiles()
    {
    }

    internal string DockerfileName { get; private set; } = UsualName;
    internal ReadOnlyMemory<byte> Dockerfile { get; private set; }

    /// <summary>Null: the build has none.</summary>
    internal BuildContext? Context { get; private set; }

    /// <summary>By name, in lower case.</summary>
    internal IReadOnlyDictionary<string, BuildContext> Named => _named;

    /// <param name="parent">Where folders of our own are made.</param>
    /// <exception cref="QuiltException">InvalidArgument: no Dockerfile, no context, or a damaged archive; NotFound; PermissionDenied. Nothing is left.</exception>
    internal static async Task<BuildFiles> MakeAsync(string parent, Caller caller, BuildImageArguments arguments, TransferFiles transfers, ImageStore store, CancellationToken cancellation)
    {
        if (arguments is { Dockerfile: not null, DockerfileText: not null })
        {
            throw QuiltException.Invalid("dockerfile", "the Dockerfile is given twice", "give dockerfile, its name in the context, or dockerfileText");
        }

        BuildFiles files = new();
        try
        {
            string? folder = await OpenAsync(arguments.Context ?? new BuildContextArguments(), "context").ConfigureAwait(false);
            files.Context = folder is null ? null : new BuildContext.Folder(folder);
            files.DockerfileName = arguments.Dockerfile ?? UsualName;
            files.Dockerfile = arguments.DockerfileText is { } text ? Encoding.UTF8.GetBytes(text)
                : folder is not null ? Read(folder, files.DockerfileName)
                : throw QuiltException.Invalid("context", "there is neither a context nor a Dockerfile", "give dockerfileText, or a context with a Dockerfile in it");
            foreach ((string name, NamedContextArguments given) in arguments.NamedContexts ?? new Dictionary<string, NamedContextArguments>())
            {
                string field = $"namedContexts.{name}";
                BuildContext context = given.Image is { } image
                    ? new BuildContext.Image(ImageOf(given, image, field))
                    : await OpenAsync(given, field).ConfigureAwait(false) is { } opened
                        ? new BuildContext.Folder(opened)
                        : throw QuiltException.Invalid(field, "the context is empty", "give files, upload, archive, path or image");
                if (!Name().IsMatch(name) || !files._named.TryAdd(name.ToLowerInvariant(), context))
                {
                    throw QuiltException.Invalid("namedContexts", $"'{Text.Printable(name)}' is no name of a context, or one has it already", "give letters, digits and any of '._-/:@', each name once whatever its case");
                }
            }

            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }

        async Task<string?> OpenAsync(BuildContextArguments given, string field)
        {
            ContextFolder? folder = await ContextFolder.MakeAsync(parent, caller, given, field, transfers, store, cancellation).ConfigureAwait(false);
            if (folder is not null)
            {
                files._folders.Add(folder);
            }

            return folder?.Path;
        }

        // Whether the grant has it is asked when the build asks for it, as of any base.
        static ImageReference ImageOf(NamedContextArguments given, string image, string field) => given is { Files: null, Upload: null, Archive: null, Path: null }
            ? ImageReference.Parse(image, $"{field}.image")
            : throw QuiltException.Invalid(field, "the context is given in more than one way", "give files, upload, archive, path or image");
    }

    public void Dispose() => _folders.ForEach(f => f.Dispose());

    /// <summary>Links in it lead nowhere else.</summary>
    private static byte[] Read(string folder, string name)
    {
        using ImageTree tree = ImageTree.Open([folder]);
        using ImageTreeNode file = tree.TryFind(name) is { Kind: FileKind.Regular } found
            ? found
            : throw QuiltException.Invalid("dockerfile", $"there is no file '{name}' in the context", "give its name in the context, or dockerfileText");
        if (file.Status.SizeBytes > LongestDockerfile)
        {
            throw QuiltException.Invalid("dockerfile", $"'{name}' has {file.Status.SizeBytes} bytes", $"a Dockerfile has at most {LongestDockerfile}");
        }

        using Stream content = file.OpenRead();
        byte[] bytes = new byte[file.Status.SizeBytes];
        content.ReadExactly(bytes);
        return bytes;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/:@-]{0,127}\z")]
    private static partial Regex Name();
}
