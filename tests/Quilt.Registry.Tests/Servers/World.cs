using Quilt.Core;
using Quilt.Credentials;
using Quilt.Images;

namespace Quilt.Registry.Tests.Servers;

/// <summary>A store and a client, for one test.</summary>
internal sealed class World : IDisposable
{
    public static readonly TransferPolicy Impatient = new() { FirstPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromSeconds(5) };
    private readonly TemporaryFolder _folder = new();

    public World(RegistryOptions? options = null, TransferPolicy? policy = null)
    {
        Client = new RegistryClient((options ?? new RegistryOptions()) with { Transfers = policy ?? Impatient });
        Store = ImageStore.Open(_folder["images"]);
    }

    public RegistryClient Client { get; }
    public ImageStore Store { get; }
    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public string this[string file] => _folder[file];

    public Task<PulledImage> Pull(string reference, RegistryCredential? credential = null, PullPolicy policy = PullPolicy.Always, string? platform = null, IProgress<TransferProgress>? progress = null) =>
        Client.PullAsync(Store, new PullRequest
        {
            Reference = ImageReference.Parse(reference),
            Credential = credential,
            Policy = policy,
            Platform = platform is null ? null : PlatformName.Parse(platform),
        }, progress, Cancellation);

    public Task<PushedImage> Push(string source, string target, RegistryCredential? credential = null, IProgress<TransferProgress>? progress = null) =>
        Client.PushAsync(Store, new PushRequest { Source = ImageReference.Parse(source), Target = ImageReference.Parse(target), Credential = credential }, progress, Cancellation);

    /// <summary>An image in a registry, which this world's store has too.</summary>
    public async Task<StoredImage> Publish(string registry, string name = "test/app:1", int seed = 1, RegistryCredential? credential = null, params int[] layerBytes)
    {
        StoredImage image = await TestImage.Make(Store, $"{registry}/{name}", seed, PlatformName.Machine.Architecture, layerBytes);
        await Push($"{registry}/{name}", $"{registry}/{name}", credential);
        return image;
    }

    /// <summary>The failure of what must fail; its text is checked to hold none of the secrets.</summary>
    public static async Task<QuiltException> Fails(Func<Task> what, params string[] secrets)
    {
        QuiltException e = await Assert.ThrowsAsync<QuiltException>(what);
        Assert.False(string.IsNullOrEmpty(e.Remedy), $"no remedy: {e.Message}");
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, e.ToString() + e.Remedy, StringComparison.Ordinal));
        return e;
    }

    public void Dispose()
    {
        Client.Dispose();
        _folder.Dispose();
    }
}
