var builder = WebApplication.CreateBuilder(args);
builder.Services.AddFacto(builder.Configuration.GetSection("Facto")).AddConsole();

var app = builder.Build();
app.UseStatusCodePages();
app.MapGet("/", () => "the app's own page");
app.MapGroup("/reco").MapFacto();
app.MapFactoConsole();
app.MapHealthChecks("/healthz");
app.Run();
