/* The state of a module that has one type, of which `table_spec` tells. */

static int module_exec(PyObject *module)
{
    PyTypeObject **type = PyModule_GetState(module);
    *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &table_spec, NULL);
    return *type ? PyModule_AddType(module, *type) : -1;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    PyTypeObject **type = PyModule_GetState(module);
    Py_VISIT(*type);
    return 0;
}

static int module_clear(PyObject *module)
{
    PyTypeObject **type = PyModule_GetState(module);
    Py_CLEAR(*type);
    return 0;
}
