package shop.web;

public final class Paths {
    public static final String GONE = "/gone";
    public static final String ORDERS = "orders";
}
