var builder = WebApplication.CreateBuilder(args);
var app = builder.Build();

app.MapGet("/", () => "home"); //: GET /
app.MapPost("/orders", Orders.Create);
app.MapMethods("/orders/{id}", new[] { "PUT", "PATCH" }, (int id) => id); //: PUT /orders/{id}, PATCH /orders/{id}

var v1 = app.MapGroup("/v1").RequireAuthorization().WithTags("v1");
v1.MapDelete("/orders/{id:int}", Orders.Delete).WithName("delete");
v1.MapGroup("inner").MapGet("/deep", Deep);
app.MapUsers();
v1.MapUsers();
app.Run();

static string Deep() => ""; //: GET /v1/inner/deep
