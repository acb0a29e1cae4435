using Microsoft.AspNetCore.Mvc;

namespace Shop.Controllers;

[ApiController]
[Route("api/[controller]")]
public class UsersController : ControllerBase
{
    [HttpGet]
    public IActionResult List() => Ok(); //: GET /api/Users

    [HttpGet("{id:int}", Name = "one")]
    public async Task<IActionResult> Get(int id) //: GET /api/Users/{id:int}
    {
        return Ok(id);
    }

    [HttpPost("[action]/{kind?}"), Authorize]
    public IActionResult Import(string kind) //: POST /api/Users/Import/{kind?}
    {
        return Ok();
    }

    [HttpDelete("/purge/{**path}")]
    public IActionResult Purge(string path) => Ok(); //: DELETE /purge/{**path}

    [HttpPatch, Route("named/{id}")]
    [Authorize]
    public IActionResult Named(int id) => Ok(); //: PATCH /api/Users/named/{id}

    private string Helper() => "";
}

public class HomeController : Controller
{
    [HttpPut("~/home")]
    public IActionResult Save() => Ok(); //: PUT /home
}
