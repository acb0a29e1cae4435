public static class Orders
{
    public static string Create() => ""; //: POST /orders

    public static string Delete(int id) //: DELETE /v1/orders/{id:int}
    {
        return "";
    }
}

public static class UserEndpoints
{
    public static IEndpointRouteBuilder MapUsers(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/users");
        group.MapGet("/{name}", Show);
        return routes;
    }

    private static string Show(string name) => name; //: GET /users/{name}, GET /v1/users/{name}
}
