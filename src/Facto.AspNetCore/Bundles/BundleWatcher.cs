using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Facto.AspNetCore.Bundles;

/// <summary>
/// Follows the folder's current bundle. It asks for the store when the host starts, so a folder without a bundle stops the start.
/// </summary>
internal sealed class BundleWatcher(BundleStore store, IOptions<FactoOptions> options, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.PollInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) { store.Follow(); }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops.
        }
    }
}
