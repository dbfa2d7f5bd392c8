#region Service
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddFacto(builder.Configuration.GetSection("Facto")).AddConsole();

var app = builder.Build();
app.UseStatusCodePages();
app.MapGet("/", () => "the app's own page");
app.MapGroup("/reco").MapFacto();      // /reco/v1/…, /reco/openapi/facto.json, /reco/docs
app.MapFactoConsole();                 // /facto
app.MapHealthChecks("/healthz");
app.Run();
#endregion
