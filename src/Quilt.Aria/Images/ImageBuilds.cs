using System.Diagnostics;
using System.Text;
using Quilt.Build;
using Quilt.Core;
using Quilt.Engine;
using Quilt.Images;
using Quilt.Network;
using Quilt.Registry;

namespace Quilt.Aria;

/// <summary>Builds images for callers: within their grants, in containers of theirs.</summary>
public sealed class ImageBuilds
{
    private const int IdDigits = 12;
    private readonly ContainerEngine _engine;
    private readonly RegistryClient _registries;
    private readonly TransferFiles _transfers;
    private readonly Workloads _workloads;
    private readonly SecretFolder _secrets;
    private readonly string _folder;

    internal ImageBuilds(ContainerEngine engine, RegistryClient registries, TransferFiles transfers, Workloads workloads, SecretFolder secrets)
    {
        (_engine, _registries, _transfers, _workloads, _secrets) = (engine, registries, transfers, workloads, secrets);
        _folder = Path.Combine(engine.Options.StateDir, "builds");
        ContextFolder.RemoveAbandoned(_folder);
    }

    /// <exception cref="QuiltException">InvalidArgument: the arguments, or the Dockerfile, and where; Aborted: a step has failed; PermissionDenied; ResourceExhausted. No image or name has changed.</exception>
    internal async Task<BuildImageResult> BuildAsync(Caller caller, BuildImageArguments arguments, IProgress<ToolProgress>? progress, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        ImageReference[] asked = [.. (arguments.Tags ?? []).Select(t => ImageAccess.ToBeNamed(caller, t, "tags")).Distinct()];
        NetworkEgress[] egress = [.. (arguments.Egress ?? []).Select(e => EgressText.Read(e, caller, "egress")).Distinct()];
        string id = ContainerId.New().Value[..IdDigits];

        // One without a name would be anybody's to tidy up.
        ImageReference[] tags = asked.Length > 0 ? asked : [ImageAccess.UnnamedBuild(caller.Agent, id)];
        StepPlacement placement = _workloads.PlaceSteps(caller, id, LimitsReader.Read(arguments.Memory, arguments.Cpus, null), egress);
        using BuildFiles files = await BuildFiles.MakeAsync(_folder, caller, arguments, _transfers, _engine.Images, cancellation).ConfigureAwait(false);
        BuildTelling telling = new(progress);
        BuildRequest request = new()
        {
            Dockerfile = files.Dockerfile,
            DockerfileName = files.DockerfileName,
            Context = files.Context,
            NamedContexts = files.Named,
            Tags = tags,
            CacheScope = caller.Agent.Id,
            Target = arguments.Target,
            Arguments = arguments.BuildArgs ?? new Dictionary<string, string>(),
            Labels = arguments.Labels ?? new Dictionary<string, string>(),
            Secrets = SecretsOf(caller, arguments),
            SshSockets = (arguments.Ssh ?? new Dictionary<string, string>()).ToDictionary(s => s.Key, s => HostFile.Socket(caller.Agent, s.Value, "ssh")),
            Egress = [.. egress.Select(e => e.Text).Order(StringComparer.Ordinal)],
            IgnoresCache = arguments.NoCache,
        };
        StoredImage built = await _engine.BuildAsync(placement, new GrantedImages(_engine.Images, _registries, caller), request, telling.Report, cancellation).ConfigureAwait(false);
        return new BuildImageResult
        {
            Image = ImageView.Of(built),
            Names = [.. tags.Select(t => t.ToString())],
            Steps = telling.Steps,
            Log = telling.Log,
            Warnings = telling.Warnings,
            DownloadId = arguments.Output is null ? null : await OfferAsync(caller, built, arguments.Output, cancellation).ConfigureAwait(false),
            DurationMs = Stopwatch.GetElapsedTime(began).TotalMilliseconds,
        };
    }

    private Dictionary<string, ReadOnlyMemory<byte>> SecretsOf(Caller caller, BuildImageArguments arguments)
    {
        Dictionary<string, ReadOnlyMemory<byte>> secrets = [];
        foreach ((string id, string text) in arguments.Secrets ?? new Dictionary<string, string>())
        {
            secrets[id] = Encoding.UTF8.GetBytes(text);
        }

        foreach ((string id, string name) in arguments.NamedSecrets ?? new Dictionary<string, string>())
        {
            if (!secrets.TryAdd(id, _secrets.Read(caller.Agent, name, $"namedSecrets.{id}")))
            {
                throw QuiltException.Invalid($"namedSecrets.{id}", $"'{id}' is among the secrets too", "give it once");
            }
        }

        return secrets;
    }

    private async Task<string> OfferAsync(Caller caller, StoredImage image, string output, CancellationToken cancellation) => (await _transfers.OfferAsync(
        caller, (to, token) => output == "archive" ? _engine.Images.SaveAsync([image.Reference], to, token) : Task.Run(() => Export(image, to, token), token), cancellation).ConfigureAwait(false)).Id;

    private static void Export(StoredImage image, Stream to, CancellationToken cancellation)
    {
        using ImageTree tree = ImageTree.Open(image.LayerFolders);
        TreeArchive.Write(tree, to, null, cancellation);
    }

    /// <summary>What a build begins with: what is here, or what a registry of the grant has.</summary>
    private sealed class GrantedImages(ImageStore store, RegistryClient registries, Caller caller) : IBaseImages
    {
        public async Task<StoredImage> FindAsync(ImageReference reference, Platform platform, ImageLease lease, CancellationToken cancellation)
        {
            ImageAccess.Require(caller.Agent, reference, "image");
            if (store.TryFind(reference, lease) is { } present && PlatformSelection.Fits(platform, PlatformSelection.Of(present.Document)))
            {
                return present;
            }

            if (reference.Domain is null)
            {
                throw new QuiltException(ErrorCode.NotFound, $"there is no image '{reference}' here for {PlatformName.Format(platform)}", "list the images for their names", "image");
            }

            ImageAccess.RequireRegistry(caller.Agent, reference, "image");

            // What another machine could run is not what its name means here, to all others.
            PullRequest request = new() { Reference = reference, Platform = platform, Policy = PullPolicy.Missing, WithoutTag = !PlatformSelection.Fits(PlatformName.Machine, platform) };
            PulledImage pulled = await registries.PullAsync(store, request, null, cancellation).ConfigureAwait(false);
            return store.TryFind(reference.ByDigest(pulled.Image.Digest), lease) ?? throw new QuiltException(ErrorCode.Aborted, $"the image '{reference}' was removed as soon as it was there", "build again", "image");
        }
    }
}
