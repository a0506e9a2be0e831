using Microsoft.Extensions.DependencyInjection.Extensions;
using Quilt.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Quilt among a program's services.</summary>
public static class QuiltServiceCollectionExtensions
{
    /// <summary>One <see cref="QuiltClient"/> and its <see cref="QuiltTools"/> for the program; a client registered before stays.</summary>
    /// <param name="configure">Says what the environment does not.</param>
    public static IServiceCollection AddQuilt(this IServiceCollection services, Action<QuiltClientOptions>? configure = null) =>
        services.AddQuilt((_, options) => configure?.Invoke(options));

    /// <summary>The same where the options come from other services, such as the program's configuration.</summary>
    public static IServiceCollection AddQuilt(this IServiceCollection services, Action<IServiceProvider, QuiltClientOptions> configure)
    {
        services.TryAddSingleton(provider =>
        {
            QuiltClientOptions options = new();
            configure(provider, options);
            return new QuiltClient(options);
        });
        services.TryAddSingleton<QuiltTools>();
        return services;
    }
}
